// A real Medusa shop for tests: no dashboard, loopback only.
const { defineConfig } = require('@medusajs/framework/utils');

module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: process.env.MEDUSA_DATABASE,
    databaseDriverOptions: { connection: { ssl: false } },
    http: {
      jwtSecret: 'test-only',
      cookieSecret: 'test-only',
      storeCors: 'http://127.0.0.1',
      adminCors: 'http://127.0.0.1',
      authCors: 'http://127.0.0.1',
    },
  },
  featureFlags: { translation: true },
  modules: [{ resolve: '@medusajs/medusa/translation' }],
});
