/** What drivers of graphics devices are found by; nothing else of the environment concerns a compute child. */
const names = [
  "CUDA_DEVICE_ORDER",
  "CUDA_VISIBLE_DEVICES",
  "LD_LIBRARY_PATH",
  "NVIDIA_DRIVER_CAPABILITIES",
  "NVIDIA_VISIBLE_DEVICES",
  "VK_ADD_DRIVER_FILES",
  "VK_DRIVER_FILES",
  "VK_ICD_FILENAMES",
  "XDG_DATA_DIRS",
  "XDG_RUNTIME_DIR",
] as const;

/** The part of an environment that a compute child needs to find a graphics device, for `ChildOptions.env`. */
export function deviceEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
