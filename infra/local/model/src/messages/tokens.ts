import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { ApiProblem, invalid } from '../errors.ts';
import type { ModelFacts } from './models.ts';
import type { Block, MessageRequest } from './request.ts';

/** One piece of a prompt in the order in which it is cached: tools, system, messages. */
export interface PromptPart {
  tokens: number;
  /** Hash of the piece's content. */
  hash: string;
  /** Set where the piece carries a cache breakpoint. */
  cache: '5m' | '1h' | undefined;
}

const imageTypes: Record<string, string> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
};

/** Tokens of a text: its UTF-8 bytes by the model's tokenizer, at least one. */
export const textTokens = (text: string, model: ModelFacts): number =>
  text === '' ? 0 : Math.max(1, Math.ceil(Buffer.byteLength(text) / model.bytesPerToken));

/** Tokens of an image: one for each 28 × 28 px after the scaling down that the model's tier asks for. */
export function imageTokens(width: number, height: number, model: ModelFacts): number {
  const scale = Math.min(1, model.imageEdge / Math.max(width, height));
  const patches = (value: number): number => Math.ceil(Math.round(value * scale) / 28);
  return Math.min(model.imageTokens, patches(width) * patches(height));
}

/** The pieces of a prompt with their tokens. @throws ApiProblem 400 for an image that the API would refuse. */
export async function promptParts(request: MessageRequest, model: ModelFacts): Promise<PromptPart[]> {
  const parts: PromptPart[] = [];
  const add = (value: unknown, tokens: number, cache?: unknown) =>
    parts.push({ tokens, hash: createHash('sha256').update(JSON.stringify(value)).digest('hex'), cache: ttlOf(cache) });

  request.tools?.forEach((tool, index) => {
    add(tool, textTokens(JSON.stringify(tool), model) + (index === 0 ? model.toolPrompt : 0), tool['cache_control']);
  });
  const format = request.output_config?.format;
  if (format) add(format, textTokens(JSON.stringify(format.schema), model) + 40);
  const images = countImages(request);
  if (images > model.mostImages) throw invalid(`messages: ${images} images > ${model.mostImages} maximum`);
  for (const [index, item] of blocks(request.system).entries()) {
    add(item, await blockTokens(item, { model, images, path: `system.${index}` }), item['cache_control']);
  }
  for (const [place, message] of request.messages.entries()) {
    for (const [index, item] of blocks(message.content).entries()) {
      const tokens = await blockTokens(item, { model, images, path: `messages.${place}.content.${index}` });
      add([message.role, item], tokens + (index === 0 ? 4 : 0), item['cache_control']);
    }
  }
  const last = parts.at(-1);
  if (last && request.cache_control) last.cache ??= request.cache_control.ttl ?? '5m';
  return parts;
}

function ttlOf(control: unknown): '5m' | '1h' | undefined {
  if (typeof control !== 'object' || control === null) return undefined;
  return 'ttl' in control && control.ttl === '1h' ? '1h' : '5m';
}

const blocks = (content: string | Block[] | undefined): Block[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);

/** Blocks inside a block, e.g. of a tool's result. */
function nested(item: Block): Block[] {
  const inner: unknown[] = Array.isArray(item['content']) ? item['content'] : [];
  return inner.filter((block): block is Block => typeof block === 'object' && block !== null && 'type' in block);
}

function countImages(request: MessageRequest): number {
  const count = (items: Block[]): number =>
    items.reduce((sum, item) => sum + (item.type === 'image' ? 1 : 0) + count(nested(item)), 0);
  return request.messages.reduce((sum, message) => sum + count(blocks(message.content)), 0);
}

/** Where a block stands. */
interface Place {
  model: ModelFacts;
  /** How many images its request has. */
  images: number;
  /** E.g. `messages.0.content.1`. */
  path: string;
}

async function blockTokens(item: Block, place: Place): Promise<number> {
  const { model } = place;
  if (item.type === 'image') return await sourceTokens(item['source'], place);
  if (typeof item['text'] === 'string') {
    if (item['text'].trim() === '') throw invalid('messages: text content blocks must contain non-whitespace text');
    return textTokens(item['text'], model);
  }
  if (item.type === 'tool_result') {
    let sum = textTokens(typeof item['content'] === 'string' ? item['content'] : '', model);
    for (const [index, inner] of nested(item).entries()) {
      sum += await blockTokens(inner, { ...place, path: `${place.path}.content.${index}` });
    }
    return sum;
  }
  return textTokens(JSON.stringify(item), model);
}

async function sourceTokens(source: unknown, { model, images, path }: Place): Promise<number> {
  const { type, media_type: mediaType, data } = (source ?? {}) as Record<string, unknown>;
  if (type !== 'base64' || typeof data !== 'string') return model.imageTokens;
  if (data.length > 10 * 1024 * 1024) throw invalid('image exceeds 10 MB maximum');
  const { width, height, format } = await readImage(data);
  if (imageTypes[format] !== mediaType) {
    throw invalid(
      `The image was specified using the ${String(mediaType)} media type, but the image appears to be a ${imageTypes[format] ?? format} image`,
    );
  }
  const side = images > 20 ? 2_000 : 8_000;
  if (width > side || height > side) {
    const message = `At least one of the image dimensions exceed max allowed size: ${side} pixels`;
    throw new ApiProblem(400, message, {
      details: { error_code: 'image_dimensions_too_large', max_side_length_pixels: side, paths: [path] },
    });
  }
  return imageTokens(width, height, model);
}

async function readImage(data: string): Promise<{ width: number; height: number; format: string }> {
  try {
    const { width, height, format } = await sharp(Buffer.from(data, 'base64')).metadata();
    return { width, height, format };
  } catch (cause) {
    throw Object.assign(invalid('Could not process image'), { cause });
  }
}
