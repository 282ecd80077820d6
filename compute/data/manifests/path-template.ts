import { refuse } from "../predictions/mapping-json.ts";

/** A piece of a template: text as it stands, or a column's value, whole or its first characters. */
export type TemplatePiece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "column"; readonly column: string; readonly first: number | undefined };

/**
 * Reads a template such as `files/p{subject_id:2}/p{subject_id}/s{study_id}/{dicom_id}.jpg`.
 *
 * @throws {ImportError} INVALID_MAPPING on a brace without its partner, an empty name, or no column at all.
 */
export function parseTemplate(template: string): readonly TemplatePiece[] {
  const pieces: TemplatePiece[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf("{", at);
    const end = open < 0 ? template.length : open;
    const literal = template.slice(at, end);
    if (literal.includes("}")) refuse("path.template", "braces in pairs", "one alone");
    if (literal !== "") pieces.push({ kind: "text", text: literal });
    if (open < 0) break;
    const close = template.indexOf("}", open);
    if (close < 0) return refuse("path.template", "braces in pairs", "one alone");
    pieces.push(columnPiece(template.slice(open + 1, close)));
    at = close + 1;
  }
  if (!pieces.some(({ kind }) => kind === "column")) refuse("path.template", "a column in braces", "none");
  return pieces;
}

/** The text of a template with these values, in order of its columns. */
export function fillTemplate(pieces: readonly TemplatePiece[], values: readonly string[]): string {
  let next = 0;
  let filled = "";
  for (const piece of pieces) {
    if (piece.kind === "text") filled += piece.text;
    else {
      const value = values[next++] ?? "";
      filled += piece.first === undefined ? value : value.slice(0, piece.first);
    }
  }
  return filled;
}

function columnPiece(text: string): TemplatePiece {
  const [, column, first] = /^(.+?)(?::(\d{1,3}))?$/s.exec(text) ?? [];
  if (column === undefined) return refuse("path.template", "a column's name in braces", "none");
  return { kind: "column", column, first: first === undefined ? undefined : Number(first) };
}
