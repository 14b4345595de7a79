/**
 * Parameters to typed input, by the model alone: each name ('BlockDeviceMapping.1.Ebs.VolumeSize') is walked
 * through the shapes, so nothing outside the model is ever built, however deep or large a name is.
 */
import { readScalar } from './decode-scalar.ts';
import { Ec2Fault } from './faults.ts';
import type { Parameters } from './form.ts';
import type { Action, List, Structure, Type } from './model/ec2-model.ts';

/** What the input is made of while parameters arrive in any order: by query name, or by index. */
interface Branch {
  readonly type: Structure | List;
  readonly children: Map<string, unknown>;
}

/** Parameters of the protocol itself: signature versions 2 and 4, and what older tools still send. */
const protocolParameter =
  /^(?:Action|Version|AWSAccessKeyId|Signature\w*|SecurityToken|Timestamp|Expires|X-Amz-[\w-]+)$/i;
const listIndex = /^[1-9]\d{0,8}$/;

/**
 * The input of the action, in the SDK's shape. Gaps in a list's indices are closed.
 * Throws UnknownParameter, InvalidParameterValue, MissingParameter.
 */
export function decodeInput(action: Action, parameters: Parameters): Record<string, unknown> {
  const root: Branch = { type: action.input, children: new Map() };
  for (const [name, value] of parameters) {
    if (!place(root, name, value) && !protocolParameter.test(name)) {
      throw new Ec2Fault('UnknownParameter', `The parameter ${shown(name)} is not recognized`);
    }
  }
  return finishStructure(action.input, root, '');
}

/** False where the model has no such parameter. */
function place(root: Branch, name: string, value: string): boolean {
  const segments = name.split('.');
  const last = segments.length - 1;
  let branch = root;
  for (const [depth, segment] of segments.entries()) {
    const type = childType(branch.type, segment);
    if (!type) return false;
    if (type.kind === 'structure' || type.kind === 'list') {
      if (depth === last) return false;
      branch = childBranch(branch, segment, type);
    } else {
      if (depth < last) return false;
      branch.children.set(segment, readScalar(type.kind, name, value));
    }
  }
  return true;
}

function childType(parent: Structure | List, segment: string): Type | undefined {
  if (parent.kind === 'structure') return parent.byQueryName.get(segment)?.type;
  return listIndex.test(segment) ? parent.element : undefined;
}

function childBranch(parent: Branch, segment: string, type: Structure | List): Branch {
  const known = parent.children.get(segment) as Branch | undefined;
  if (known) return known;
  const made: Branch = { type, children: new Map() };
  parent.children.set(segment, made);
  return made;
}

function finishStructure(type: Structure, branch: Branch, path: string): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const member of type.members) {
    const child = branch.children.get(member.queryName);
    const name = `${path}${member.queryName}`;
    if (child !== undefined) made[member.name] = finish(member.type, child, name);
    else if (member.required) {
      throw new Ec2Fault('MissingParameter', `The request must contain the parameter ${name}`);
    }
  }
  return made;
}

function finish(type: Type, child: unknown, name: string): unknown {
  if (type.kind === 'structure') return finishStructure(type, child as Branch, `${name}.`);
  if (type.kind !== 'list') return child;
  const { children } = child as Branch;
  const indices = [...children.keys()].sort((a, b) => Number(a) - Number(b));
  return indices.map((index) => finish(type.element, children.get(index), `${name}.${index}`));
}

function shown(name: string): string {
  return name.length > 200 ? `${name.slice(0, 200)}…` : name;
}
