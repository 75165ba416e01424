/**
 * A program that gives a socket bad options, each of a list, in each way there is, catches the errors
 * and ends by itself: it must not crash on its way out.
 */
import { isBrokerlessError, Pull, Push } from 'brokerless';

const [type, list = '[]'] = process.argv.slice(2);
const Type = type === 'Push' ? Push : Pull;
const bad: readonly object[] = JSON.parse(list);

function tell(error: unknown): void {
  console.log(isBrokerlessError(error) ? error.code : `foreign: ${String(error)}`);
}

for (const options of bad) {
  try {
    console.log('made', Reflect.construct(Type, [options]));
  } catch (error) {
    tell(error);
  }
  await Type.bind('inproc://bad', options).catch(tell);
  await Type.connect('inproc://bad', options).catch(tell);
}
