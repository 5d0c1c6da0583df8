// A real Vendure shop for tests: no compiler, no database server, loopback only.
const path = require('path');
const folder = process.env.VENDURE_FOLDER;
const { dummyPaymentHandler, DefaultLogger, LogLevel } =
  require(path.join(folder, 'node_modules/@vendure/core'));

let last = 500000 + Math.floor(Date.now() / 1000) % 100000 * 100;

exports.config = {
  apiOptions: {
    hostname: '127.0.0.1',
    port: Number(process.env.VENDURE_PORT),
    adminApiPath: 'admin-api',
    shopApiPath: 'shop-api',
  },
  authOptions: {
    tokenMethod: ['bearer', 'cookie'],
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
    cookieOptions: { secret: 'test-only' },
    requireVerification: false,
  },
  dbConnectionOptions: {
    type: 'sqljs',
    synchronize: true,
    logging: false,
    location: process.env.VENDURE_DB,
    autoSave: false, // it would write the whole file at every change; see server.js
  },
  // Numbers that a shopper can say and type, as docs/shops.md asks for.
  orderOptions: { orderCodeStrategy: { generate: () => String(++last) } },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  customFields: {
    ProductVariant: [
      { name: 'regularPrice', type: 'int', nullable: true },
      { name: 'lowestPrice30d', type: 'int', nullable: true },
    ],
  },
  logger: new DefaultLogger({ level: LogLevel.Warn }),
  // No search index: the assistant searches its own.
  plugins: [],
};
