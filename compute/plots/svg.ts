/** Attribute values of an element; numbers are written with two decimals, undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** The look of a figure: every colour is explicit, background included, so that no page's dark mode can hide a line. */
export interface Palette {
  readonly background: string;
  readonly band: string;
  readonly text: string;
  readonly muted: string;
  readonly rule: string;
  /** Marks and the lines over them. */
  readonly mark: string;
  readonly markLine: string;
  readonly pooled: string;
  readonly prediction: string;
  /** Distinguishable under the common colour-vision deficiencies (Okabe & Ito 2008), adapted to the background. */
  readonly series: readonly string[];
}

/** The palettes; text contrasts with the background at 7:1 or more, marks at 3:1 or more (WCAG 2.2). */
export const palettes = {
  light: {
    background: "#ffffff",
    band: "#f4f6f8",
    text: "#1b2733",
    muted: "#4a5763",
    rule: "#8a96a3",
    mark: "#5b9bd5",
    markLine: "#12355b",
    pooled: "#b5462f",
    prediction: "#b5462f",
    series: ["#0072b2", "#c04f00", "#00805a", "#a34d81", "#8a6a00", "#5b6470"],
  },
  dark: {
    background: "#12181f",
    band: "#1a222b",
    text: "#eef2f6",
    muted: "#b9c3cd",
    rule: "#77838f",
    mark: "#3f77ab",
    markLine: "#cfe4f7",
    pooled: "#f0907a",
    prediction: "#f0907a",
    series: ["#56b4e9", "#e69f00", "#2fc796", "#e08fbf", "#f0e442", "#c3ccd6"],
  },
} as const satisfies Record<string, Palette>;
export type Theme = keyof typeof palettes;

export const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/**
 * Text made safe for XML and for the reader: markup escaped, characters that XML 1.0 forbids and controls that would
 * reorder the line (bidirectional overrides and isolates) replaced by U+FFFD.
 */
export function escapeXml(text: string): string {
  let safe = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    safe += escapes[character] ?? (isUnsafe(code) ? "\u{FFFD}" : character);
  }
  return safe;
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "\n": " ",
  "\r": " ",
  "\t": " ",
};

/** Whether `escapeXml` shows U+FFFD instead of this code point. */
export function isUnsafe(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    (code & 0xfffe) === 0xfffe ||
    (code >= 0x200e && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  );
}

/** One element; `children` is markup that is already safe. */
export function element(name: string, attributes: Attributes, children = ""): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${typeof value === "number" ? writeNumber(value) : escapeXml(String(value))}"`,
    )
    .join("");
  return children === "" ? `<${name}${written}/>` : `<${name}${written}>${children}</${name}>`;
}

/** A text element; `content` is escaped here. `tooltip` becomes its title. */
export function textElement(content: string, attributes: Attributes, tooltip?: string): string {
  const title = tooltip === undefined ? "" : `<title>${escapeXml(tooltip)}</title>`;
  return element("text", attributes, title + escapeXml(content));
}

/** A whole figure with its accessible name and description; the ids come from the content, so that figures can share a page. */
export function figure(
  size: { width: number; height: number },
  about: FigureAbout,
  body: readonly string[],
): string {
  const id = fingerprint(`${about.title}\n${about.description}\n${body.join("")}`);
  const parts = [
    `<title id="title-${id}">${escapeXml(about.title)}</title>`,
    `<desc id="desc-${id}">${escapeXml(about.description)}</desc>`,
    element("rect", { width: size.width, height: size.height, fill: about.palette.background }),
    ...body,
  ];
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${writeNumber(size.width)} ${writeNumber(size.height)}`,
    width: size.width,
    height: size.height,
    role: "img",
    "aria-labelledby": `title-${id} desc-${id}`,
    "font-family": fontFamily,
    "font-size": 13,
    fill: about.palette.text,
  };
  return `${element("svg", attributes, `\n${parts.join("\n")}\n`)}\n`;
}

/** What a figure is called, what it shows in words, and its colours. */
export interface FigureAbout {
  readonly title: string;
  readonly description: string;
  readonly palette: Palette;
}

/** A number with at most two decimals, without trailing zeros. */
export function writeNumber(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return String(Object.is(rounded, -0) ? 0 : rounded);
}

/** FNV-1a, 32 bits: enough to tell two figures of one page apart. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
