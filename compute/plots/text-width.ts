import { isUnsafe } from "./svg.ts";

/**
 * Width in pixels that a text takes at most, by character classes of a wide sans serif (DejaVu Sans, Verdana): the server has
 * no fonts to measure with, and the usual system fonts are narrower, so what fits by this fits.
 */
export function textWidth(text: string, fontSize: number, bold = false): number {
  let em = 0;
  for (const character of text) em += characterWidth(character);
  return em * fontSize * (bold ? 1.12 : 1);
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (isUnsafe(code)) return 1.05; // drawn as U+FFFD
  if (code < 0x7f) {
    if ("ijlI.,:;'|!".includes(character)) return 0.35;
    if ('frt()[]{}/\\-" `^'.includes(character)) return 0.42;
    if ("mwMW@%".includes(character)) return 0.99;
    if ("+=<>~#".includes(character)) return 0.84;
    return character >= "A" && character <= "Z" ? 0.77 : 0.64;
  }
  if (/\p{M}|\p{Cf}/u.test(character)) return 0;
  if (code >= 0x1f000) return 1.35;
  if (code >= 0x2e80) return 1.02;
  return code >= 0x2000 ? 0.9 : 0.8;
}

/** `text`, or as much of it as fits in `width` pixels with an ellipsis after it. */
export function fitText(text: string, width: number, fontSize: number, bold = false): string {
  if (textWidth(text, fontSize, bold) <= width) return text;
  let kept = "";
  for (const character of text) {
    if (textWidth(`${kept}${character}…`, fontSize, bold) > width) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** Breaks `text` at spaces into lines of at most `width` pixels; the last of `maxLines` ends in an ellipsis if more was to come. */
export function wrapText(text: string, width: number, fontSize: number, maxLines: number): string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest !== "" && lines.length < maxLines - 1 && textWidth(rest, fontSize) > width) {
    let line = "";
    for (const word of rest.split(/(?<=\s)/)) {
      if (textWidth((line + word).trimEnd(), fontSize) > width) break;
      line += word;
    }
    if (line === "") break;
    lines.push(line.trimEnd());
    rest = rest.slice(line.length);
  }
  if (rest !== "" || lines.length === 0) lines.push(fitText(rest, width, fontSize));
  return lines;
}
