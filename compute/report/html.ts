import { escapeXml } from "../plots/svg.ts";

/** Text that is HTML or SVG already: only this leaves `html` as it is. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text is escaped, markup and lists of it are not; null and undefined are nothing. */
export type Content = Markup | string | number | null | undefined | readonly Content[];

/** HTML from a template: every value in it is escaped, unless it is `Markup`. Good for elements and quoted attributes. */
export function html(literals: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(
    literals.reduce((text, literal, i) => text + (i === 0 ? "" : textOf(values[i - 1])) + literal, ""),
  );
}

function textOf(content: Content): string {
  if (content === null || content === undefined) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "object") return content.map(textOf).join("");
  return escapeXml(String(content));
}

/** A figure of `compute/plots`, which has escaped its own values: scaled to the page's width, nothing else changed. */
export function svg(figure: string): Markup {
  return new Markup(figure);
}

/** A PNG as a data URI. */
export function pngUri(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString("base64")}`;
}
