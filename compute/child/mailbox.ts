/** Messages on their way from one that puts them to one that reads them, in order. */
export class Mailbox<Message> implements AsyncIterable<Message> {
  #messages: Message[] = [];
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriters: (() => void)[] = [];

  put(message: Message): void {
    this.#messages.push(message);
    this.#wakeReader?.();
  }

  /** No more will come. */
  end(): void {
    this.#isEnded = true;
    this.#wakeReader?.();
    this.#wake();
  }

  /** The reader gets this error after what waits. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Resolves when fewer than `most` wait, or when it is over. */
  async fewerThan(most: number): Promise<void> {
    while (this.#messages.length >= most && !this.#isEnded) {
      await new Promise<void>((resolve) => this.#wakeWriters.push(resolve));
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message> {
    for (;;) {
      const [message] = this.#messages;
      if (message !== undefined) {
        this.#messages.shift();
        this.#wake();
        yield message;
      } else if (this.#isEnded) {
        if (this.#failure) throw this.#failure.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
    }
  }

  #wake(): void {
    const writers = this.#wakeWriters;
    this.#wakeWriters = [];
    for (const wake of writers) wake();
  }
}
