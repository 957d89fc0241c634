/** Line ends and tabs are layout; other control characters, halves of surrogate pairs and marks that reorder a line are not text. */
const unwanted = /(?![\n\t])\p{Cc}|\p{Cs}|[\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Characters that take up no space, and the blank pattern of Braille. */
const invisible = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Whether a reader sees anything of a text. */
export const isVisible = (text: string): boolean => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replace(invisible, ''));

/** A text in one spelling (NFC, `\n`), trimmed, without characters that are not text. Empty when nothing of it can be seen. */
export function normalizeText(text: string): string {
  const normal = text.replace(/\r\n?/g, '\n').replace(unwanted, '').normalize('NFC').trim();
  return isVisible(normal) ? normal : '';
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Room for the longest sequence that people type as one character, in UTF-16 code units. */
const LONGEST_GRAPHEME = 64;

/** The beginning of a text: at most `max` UTF-16 code units, cut between two characters as people see them. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  // Segments only around the cut: a text can be as long as a request.
  const from = Math.max(0, text.lastIndexOf(' ', max - LONGEST_GRAPHEME));
  const around = text.slice(from, max + LONGEST_GRAPHEME);
  const at = from + (graphemes.segment(around).containing(max - from)?.index ?? 0);
  // A pile of marks longer than the limit is cut between code points.
  return at > 0 ? text.slice(0, at) : text.slice(0, max).replace(/[\ud800-\udbff]$/, '');
}
