import type { ReportValue } from "./audit-report.ts";
import { html, type Markup } from "./html.ts";

/** A record that the report refers to. */
export interface ListedRecord {
  readonly number: number;
  readonly id: string;
  /** What it is, where the report knows: the number in full. */
  readonly about: string;
}

/** Numbers records in the order in which the page names them, for the list at its end. */
export class RecordList {
  readonly #records = new Map<string, ListedRecord>();

  /** The record's mark on the page, or nothing when the number is no record. */
  refer(id: string | null, about: string): Markup | undefined {
    if (id === null) return undefined;
    const known = this.#records.get(id);
    const record = known ?? { number: this.#records.size + 1, id, about };
    if (known === undefined) this.#records.set(id, record);
    return html`<a class="ref" href="#record-${record.number}">${record.number}</a>`;
  }

  /** As `refer`, of a computed number. */
  referTo(value: ReportValue, about: string): Markup | undefined {
    return this.refer(value.record, `${about}: ${value.value ?? value.reason ?? "no value"}`);
  }

  get all(): readonly ListedRecord[] {
    return [...this.#records.values()];
  }
}
