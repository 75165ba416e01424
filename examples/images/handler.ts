/**
 * Images, the handler: makes a thumbnail of a PNG file. It computes for long, and so is run in threads.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { type DecodedPng, decode, encode } from 'fast-png';

/** A picture, and where its thumbnail goes. */
export interface Picture {
  /** The PNG file. */
  readonly from: string;
  /** The file to write. */
  readonly to: string;
}

const MOST = 64; // Pixels, in either direction.

/** Makes the thumbnail, and returns how wide and high it is. */
export default async function thumbnail({ from, to }: Picture): Promise<readonly number[]> {
  const png = decode(await readFile(from));
  const scale = Math.max(1, Math.ceil(Math.max(png.width, png.height) / MOST));
  const [width, height] = [Math.ceil(png.width / scale), Math.ceil(png.height / scale)];
  const data = new Uint8Array(width * height * png.channels);
  for (let at = 0; at < data.length; at += 1) {
    const pixel = Math.floor(at / png.channels);
    const [x, y] = [(pixel % width) * scale, Math.floor(pixel / width) * scale];
    data[at] = mean(png, x, y, at % png.channels, scale);
  }
  await writeFile(to, encode({ width, height, data, channels: png.channels }));
  return [width, height];
}

/** The mean of one channel over a square of pixels. */
function mean(png: DecodedPng, x: number, y: number, channel: number, side: number): number {
  const [right, below] = [Math.min(x + side, png.width), Math.min(y + side, png.height)];
  let sum = 0;
  for (let row = y; row < below; row += 1) {
    for (let column = x; column < right; column += 1) {
      sum += png.data[(row * png.width + column) * png.channels + channel] ?? 0;
    }
  }
  return sum / ((right - x) * (below - y));
}
