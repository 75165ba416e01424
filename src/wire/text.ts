/**
 * Text: from UTF-8 to strings, with what is not UTF-8 found out.
 */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// Words of protocols are as long as this at most, and ASCII: they are put together sooner than a decoder is called.
const WORD_BYTES = 12;

/** The text in these bytes of a frame; undefined if they are not UTF-8. */
export function textOf(frame: Uint8Array, start: number, end: number): string | undefined {
  const word = end - start <= WORD_BYTES ? asciiOf(frame, start, end) : undefined;
  if (word !== undefined) return word;
  try {
    return utf8.decode(frame.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** The same; undefined if they are not ASCII. */
function asciiOf(frame: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  for (let at = start; at < end; at += 1) {
    const byte = frame[at] as number;
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}
