/** An element as the tests need it: its name, attributes and the text directly or indirectly inside it. */
export interface ReadElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
}

/**
 * Reads an SVG by the rules of XML that a hostile label could break, and throws at the first breach: tags that do not nest,
 * bare ampersands, unquoted or repeated attributes, forbidden characters.
 */
export function readSvg(svg: string): ReadElement[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids
  const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/;
  if (forbidden.test(svg)) throw new Error("forbidden character");
  const elements: ReadElement[] = [];
  const open: ReadElement[] = [];
  const token = /<(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)|(<)/gu;
  for (const [, closing, name, attributeText, selfClosing, text, stray] of svg.matchAll(token)) {
    if (stray !== undefined) throw new Error("stray <");
    if (text !== undefined) {
      if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) throw new Error("bare ampersand");
      for (const element of open) element.text += decode(text);
    } else if (closing === "/") {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      const attributes: Record<string, string> = {};
      for (const [, key = "", value = ""] of (attributeText ?? "").matchAll(/([\w:-]+)="([^"]*)"/g)) {
        if (key in attributes) throw new Error(`${key} twice`);
        if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(value)) throw new Error("bare ampersand");
        attributes[key] = decode(value);
      }
      const element = { name: name ?? "", attributes, text: "" };
      elements.push(element);
      if (selfClosing !== "/") open.push(element);
    }
  }
  if (open.length > 0) throw new Error("unclosed element");
  return elements;
}

function decode(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

/** A numeric attribute. */
export function numberOf(element: ReadElement | undefined, name: string): number {
  return Number(element?.attributes[name]);
}
