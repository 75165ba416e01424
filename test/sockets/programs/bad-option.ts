/**
 * A program that gives a socket one bad option, named by its argument, catches the error and ends by
 * itself: it must not crash on its way out.
 */
import { isBrokerlessError, Pull, Push } from 'brokerless';

const [type = '', options = ''] = process.argv.slice(2);
const Type = type === 'Push' ? Push : Pull;
const given: object = JSON.parse(options);

function tell(error: unknown): void {
  console.log(isBrokerlessError(error) ? error.code : `foreign: ${String(error)}`);
}

try {
  console.log('made', Reflect.construct(Type, [given]));
} catch (error) {
  tell(error);
}
await Type.bind('inproc://bad', given).catch(tell);
await Type.connect('inproc://bad', given).catch(tell);
