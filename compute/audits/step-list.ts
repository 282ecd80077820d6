import type { AuditStep, EvaluateStep, FitStep, TrainStep } from "./audit-plan.ts";

/** Collects steps; the same one twice is one step. */
export class StepList {
  readonly #steps: AuditStep[] = [];
  readonly #known = new Map<string, AuditStep>();

  train(step: Omit<TrainStep, "kind" | "id">): TrainStep {
    return this.#add("t", step, (id) => ({ kind: "train", id, ...step }));
  }

  evaluate(step: Omit<EvaluateStep, "kind" | "id">): EvaluateStep {
    return this.#add("e", step, (id) => ({ kind: "evaluate", id, ...step }));
  }

  fit(step: Omit<FitStep, "kind" | "id">): FitStep {
    return this.#add("f", step, (id) => ({ kind: "fit", id, ...step }));
  }

  /** In the order in which they were first asked for, so each after what it needs. */
  get all(): readonly AuditStep[] {
    return [...this.#steps];
  }

  #add<Step extends AuditStep>(
    letter: "t" | "e" | "f",
    { title: _, ...identity }: { readonly title: string },
    make: (id: string) => Step,
  ): Step {
    const key = `${letter}${JSON.stringify(Object.entries(identity).sort())}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known as Step; // safe: the letter in the key tells the kinds apart
    const count = this.#steps.filter(({ id }) => id.startsWith(letter)).length;
    const step = make(`${letter}${count + 1}`);
    this.#steps.push(step);
    this.#known.set(key, step);
    return step;
  }
}
