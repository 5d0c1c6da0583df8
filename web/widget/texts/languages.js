/** Every language of the widget by its own name; each has a file of texts beside this one. */
export default { en: "English", pl: "Polski", es: "Español" };
