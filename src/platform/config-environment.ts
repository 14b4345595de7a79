/** The process's environment: read here and nowhere else, so that what can change Ingot stands in one place. */

export type Environment = Readonly<Record<string, string | undefined>>;

export function environment(): Environment {
  return process.env;
}
