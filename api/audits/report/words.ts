/** An attribute as a reader calls it. */
export function attributeWord(name: string): string {
  const words: Readonly<Record<string, string>> = {
    race: "self-reported race",
    bmi: "body mass index",
    breast_density: "breast density",
  };
  return Object.hasOwn(words, name) ? (words[name] ?? name) : name.replaceAll("_", " ");
}

/** The same with a capital. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
