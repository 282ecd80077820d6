import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { type Provider, providers } from "../../compute/onnx/provider.ts";
import { benchAuc } from "./auc.bench.ts";
import { openBenchHome } from "./bench-database.ts";
import { benchEvaluation } from "./evaluation.bench.ts";
import { benchHttp } from "./http.bench.ts";
import { benchImport } from "./import.bench.ts";
import { benchLoad } from "./load.bench.ts";
import { benchNative } from "./native.bench.ts";
import { benchSex } from "./sex.bench.ts";
import { benchTraining } from "./training.bench.ts";
import { benchTrainingOn } from "./training-device.bench.ts";

const { positionals: wanted, values } = parseArgs({
  allowPositionals: true,
  options: { provider: { type: "string", default: "cpu" } },
});
/** What runs the trainings. */
const provider = providerOf(values.provider);

/** Every benchmark by the name it is called with: `npm run bench -- auc import`. */
const benches = {
  auc: benchAuc,
  import: benchImport,
  http: benchHttp,
  load: benchLoad,
  native: benchNative,
  evaluation: benchEvaluation,
  training: () => (provider === "cpu" ? benchTraining() : benchTrainingOn(provider)),
  sex: benchSex,
} as const;

const unknown = wanted.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`Expected some of ${Object.keys(benches).join(", ")}, got ${unknown.join(", ")}`);
  process.exit(2);
}
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown processor"}`);
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (name === "native" || name === "training") {
    await benches[name](); // needs no database
    continue;
  }
  // A fresh server each: no benchmark inherits another's cache.
  await using bed = await openBenchHome();
  await bench(bed.database, bed.home);
}

function providerOf(name: string): Provider {
  const found = providers.find((each) => each === name);
  if (found !== undefined) return found;
  console.error(`Expected ${providers.join(", ")} as --provider, got ${name}`);
  process.exit(2);
}
