/** A column of a printed table: its heading and whether it lines up on the right, as numbers do. */
export interface TextColumn {
  readonly title: string;
  readonly right?: boolean;
}

/** Lays rows out in columns for a terminal: a rule under the headings, two spaces between columns. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) =>
    Math.max(width(column.title), ...rows.map((row) => width(row[index] ?? ""))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const padding = " ".repeat((widths[index] ?? 0) - width(cell));
        return columns[index]?.right === true ? padding + cell : cell + padding;
      })
      .join("  ")
      .trimEnd();
  return [
    line(columns.map((column) => column.title)),
    widths.map((size) => "─".repeat(size)).join("  "),
    ...rows.map(line),
  ].join("\n");
}

/** A number with a fixed count of decimals; a dash where there is none. */
export function decimals(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? "–" : value.toFixed(digits);
}

/** A p-value to four decimals; a dash where there is none. */
export function pValue(p: number | null): string {
  if (p === null) return "–";
  return p < 0.0001 ? "< 0.0001" : p.toFixed(4);
}

/** A whole number with thousands apart. */
export function whole(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toLocaleString("en-US");
}

/** A count with its noun: `1 patient`, `1,200 patients`. */
export function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function width(text: string): number {
  return [...text].length;
}
