/**
 * A user's program in CommonJS: every door by `require`, and one value through a socket. Prints what
 * came, and whether each door gives something, as JSON.
 */
const { Pull, Push } = require('brokerless');
const { exports: entries } = require('brokerless/package.json');

const names = Object.keys(entries).map((entry) => `brokerless${entry.slice(1)}`);
const doors = names.map((name) => [name, Object.keys(require(name)).length > 0]);

async function main() {
  const pull = await Pull.bind('tcp://127.0.0.1:*');
  const push = await Push.connect(pull.endpoint);
  await push.send({ id: 1 });
  const value = await pull.receive();
  await Promise.all([push.close(), pull.close()]);
  process.stdout.write(JSON.stringify({ value, doors: Object.fromEntries(doors) }));
}

void main();
