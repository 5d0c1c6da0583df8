/** The product page: chosen options change picture, price, stock and what the cart button asks for. */

const form = document.getElementById("choose");
const variants = JSON.parse(document.getElementById("variants").textContent);
const [picture, price, stock, buy] = ["picture", "price", "stock", "buy"].map((id) => document.getElementById(id));

const chosen = () => Object.fromEntries(new FormData(form));
const fits = (variant, options) => Object.entries(options).every(([axis, value]) => variant.options[axis] === value);

/** Mark the values that are sold out together with what is chosen on the other axes. */
function markSoldOut(options) {
  for (const input of form.elements) {
    if (input.type !== "radio") continue;
    const others = { ...options, [input.name]: input.value };
    const left = variants.some((variant) => fits(variant, others) && variant.stock > 0);
    input.parentNode.classList.toggle("none", !left);
  }
}

function update() {
  const options = chosen();
  const [variant] = variants.filter((one) => fits(one, options));
  markSoldOut(options);
  if (!variant) return;
  picture.src = variant.image;
  const whole = variants.filter((one) => fits(one, options)).length === 1;
  if (whole) {
    stock.textContent = variant.stock_text;
    stock.classList.toggle("low", variant.stock < 4);
    price.querySelector("strong").textContent = variant.price;
  }
  const labels = Object.keys(options).map((axis) => variant.labels[axis]);
  buy.dataset.shopkeeperAsk = [form.dataset.ask, ...labels].join(", ");
}

form.addEventListener("change", update);
markSoldOut({});
