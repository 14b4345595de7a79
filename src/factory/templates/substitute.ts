/**
 * `${{ parameters.NAME }}` in a template's fields. A field that is nothing else takes the value with its type. Scripts
 * are never touched: a value pasted into a script would be read as code, so they read variables instead.
 */
import { nearest } from '../../platform/nearest.ts';
import type { Path, Problem, YamlDocument } from '../../platform/yaml-document.ts';
import type { ParametersInForce } from './parameters.ts';

const placeholder = /\$\{\{(.*?)\}\}/g;
const reference = /^\s*parameters\.([a-z][a-z0-9_]*)\s*$/;
const untouched = new Set(['parameters', 'extends']);
const scripts = [
  /^setup_script$/,
  /^steps\.\d+\.run$/,
  /^first_boot\.\d+\.run$/,
  /^validation_tests\.\d+\.command$/,
  /^readiness\.command$/,
  /^ami_config\.user_data_script$/,
];

export function substitute(
  document: YamlDocument,
  inForce: ParametersInForce,
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const visit = (value: unknown, path: Path): unknown => {
    if (path.length === 1 && untouched.has(String(path[0]))) return value;
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, visit(item, [...path, key])]),
      );
    }
    if (typeof value !== 'string' || !value.includes('${{')) return value;
    const refuse = (message: string) => problems.push(document.problem(path, message));
    if (scripts.some((script) => script.test(path.join('.')))) {
      for (const [, inner = ''] of value.matchAll(placeholder)) {
        const [, name] = reference.exec(inner) ?? [];
        if (name !== undefined) refuse(`scripts read parameters as variables: write "$${name}" instead`);
      }
      return value;
    }
    return filled(value, inForce, refuse);
  };
  return { value: visit(document.value, []), problems };
}

function filled(text: string, { values, secretFiles }: ParametersInForce, refuse: (message: string) => void) {
  const valueFor = (inner: string) => {
    const [, name = ''] = reference.exec(inner) ?? [];
    const value = values[name];
    if (name === '') refuse(`\${{${inner}}} is not known; only \${{ parameters.NAME }} is`);
    else if (name in secretFiles) refuse(`the parameter ${name} is secret: only scripts read it`);
    else if (value === undefined) {
      const near = nearest(name, Object.keys(values));
      refuse(`there is no parameter ${name}${near === undefined ? '' : `; did you mean ${near}?`}`);
    }
    return value ?? '';
  };
  const [whole] = [...text.matchAll(/^\$\{\{([^}]*)\}\}$/g)];
  if (whole !== undefined) return valueFor(whole[1] ?? '');
  return text.replace(placeholder, (_, inner: string) => String(valueFor(inner)));
}
