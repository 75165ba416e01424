/**
 * A file that kills: with this preloaded, every worker of the word count dies of the word `poison`.
 */
const { decode } = TextDecoder.prototype;

TextDecoder.prototype.decode = function (this: InstanceType<typeof TextDecoder>, ...args): string {
  const text = decode.apply(this, args);
  if (text === 'poison' && process.send !== undefined) process.kill(process.pid, 'SIGKILL');
  return text;
};
