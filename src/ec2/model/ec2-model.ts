/**
 * The EC2 model at run time, read from `ec2-model.json` (written by scripts/generate-ec2-model.ts, which
 * explains the spelling). Shapes are built when an action first needs them: a server uses a tenth of them.
 */
import { readFileSync } from 'node:fs';
import { type MemberNames, readMember, type Scalar, scalars } from './member-names.ts';

export type Type = ScalarType | List | Structure;

export interface ScalarType {
  readonly kind: Scalar;
}

export interface List {
  readonly kind: 'list';
  /** The XML name of one element, mostly 'item'. */
  readonly elementName: string;
  readonly element: Type;
}

export interface Structure {
  readonly kind: 'structure';
  readonly name: string;
  readonly members: readonly Member[];
  readonly byQueryName: ReadonlyMap<string, Member>;
}

export interface Member extends MemberNames {
  readonly required: boolean;
  readonly type: Type;
}

export interface Action {
  readonly name: string;
  readonly input: Structure;
  /** Absent where EC2 answers nothing but `<return>true</return>`. */
  readonly output?: Structure;
}

export interface Ec2Model {
  readonly actionNames: readonly string[];
  /** Undefined for what is no action of EC2. */
  action(name: string): Action | undefined;
}

type TypeReference = number | string;
interface Table {
  readonly actions: Readonly<Record<string, readonly [string, string | null]>>;
  readonly shapes: Readonly<Record<string, readonly TypeReference[]>>;
}

let loaded: Ec2Model | undefined;

/** Reads the table on first use and keeps it: 0.5 MB of JSON, a few milliseconds. */
export function loadEc2Model(): Ec2Model {
  loaded ??= openModel(
    JSON.parse(readFileSync(new URL('./ec2-model.json', import.meta.url), 'utf8')) as Table,
  );
  return loaded;
}

function openModel(table: Table): Ec2Model {
  const shapes = new Map<string, Type>();
  const actions = new Map<string, Action>();

  const typeOf = (reference: TypeReference): Type => {
    if (typeof reference === 'number') return { kind: scalars[reference] ?? 'string' };
    return shapes.get(reference) ?? build(reference);
  };

  const build = (name: string): Type => {
    const [first, ...rest] = table.shapes[name] ?? [];
    return typeof first === 'number'
      ? structure(name, first, rest)
      : list(name, first ?? 'item', rest[0] ?? 0);
  };

  // Shapes may contain themselves, so each is known before its parts are built.
  const structure = (name: string, requiredCount: number, spelt: readonly TypeReference[]): Structure => {
    const members: Member[] = [];
    const byQueryName = new Map<string, Member>();
    const shape: Structure = { kind: 'structure', name, members, byQueryName };
    shapes.set(name, shape);
    for (let i = 0; i < spelt.length; i += 2) {
      const names = readMember(String(spelt[i]));
      const member = { ...names, required: i / 2 < requiredCount, type: typeOf(spelt[i + 1] ?? 0) };
      members.push(member);
      byQueryName.set(member.queryName, member);
    }
    return shape;
  };

  const list = (name: string, elementName: string, element: TypeReference): List => {
    const shape = { kind: 'list', elementName, element: undefined as unknown as Type } as const;
    shapes.set(name, shape);
    return Object.assign(shape, { element: typeOf(element) });
  };

  const action = (name: string): Action | undefined => {
    const known = actions.get(name);
    if (known || !Object.hasOwn(table.actions, name)) return known;
    const [input, output] = table.actions[name] ?? [''];
    const built = {
      name,
      input: typeOf(input) as Structure,
      ...(output && { output: typeOf(output) as Structure }),
    };
    actions.set(name, built);
    return built;
  };

  return { actionNames: Object.keys(table.actions), action };
}
