// Starts the shop; `seed` as an argument fills an empty database first and ends.
const path = require('path');
const fs = require('fs');
const folder = process.env.VENDURE_FOLDER;
const core = require(path.join(folder, 'node_modules/@vendure/core'));
const { config } = require('./config');

async function seed() {
  const { populate } = require(path.join(folder, 'node_modules/@vendure/core/cli'));
  const initial = JSON.parse(fs.readFileSync(path.join(__dirname, 'initial.json')));
  const app = await populate(async () => {
    const booted = await core.bootstrap(config);
    const context = await booted.get(core.RequestContextService).create({ apiType: 'admin' });
    const channels = booted.get(core.ChannelService);
    const channel = await channels.getDefaultChannel(context);
    await channels.update(context, {
      id: channel.id,
      defaultCurrencyCode: 'PLN',
      availableCurrencyCodes: ['PLN', 'EUR'],
      availableLanguageCodes: ['en', 'es', 'pl'],
      pricesIncludeTax: true,
    });
    return booted;
  }, initial);
  await app.get(core.TransactionalConnection).rawConnection.driver.save();
  await app.close();
}

async function serve() {
  const app = await core.bootstrap(config);
  await app.get(core.JobQueueService).start();
  process.on('SIGTERM', async () => {
    if (process.env.VENDURE_SAVE === 'true') {
      await app.get(core.TransactionalConnection).rawConnection.driver.save();
    }
    process.exit(0);
  });
}

(process.argv[2] === 'seed' ? seed().then(() => process.exit(0)) : serve()).catch(trouble => {
  console.error(trouble);
  process.exit(1);
});
