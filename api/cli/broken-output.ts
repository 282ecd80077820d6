/**
 * Lets a command end in order when nobody reads its output any more (`| head`): the rest is not printed, and the
 * database is closed as always. Any other trouble with the output, such as a full disk, is reported.
 */
export function watchOutput(onTrouble: (error: Error) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: Error) => {
      if (!("code" in error && error.code === "EPIPE")) onTrouble(error);
    });
  }
}
