import type sharp from 'sharp';

let loaded: Promise<typeof sharp> | undefined;

/** Decodes and encodes pictures: native code, loaded by the first picture. @throws Error where it was built for another machine */
export function loadSharp(): Promise<typeof sharp> {
  loaded ??= load();
  return loaded;
}

/** Results and files are not needed twice, and their memory is budgeted. One thread a picture: others get theirs. */
async function load(): Promise<typeof sharp> {
  const { default: decoder } = await import('sharp');
  decoder.cache(false);
  decoder.concurrency(1);
  return decoder;
}
