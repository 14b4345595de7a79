/** A simulated node whose commands can be made to fail: before they begin, or once done, as if the wire broke. */
import type { NodeContract } from '../../node/contract.ts';
import { openSimulatedNode } from '../../node/simulated/simulated-node.ts';
import type { NodeId } from '../../platform/ids.ts';
import type { TestNode } from './open-test-cloud.ts';

export interface FlakyNode extends TestNode {
  /** The next `times` of the command are not done and throw this. */
  refuse(command: keyof NodeContract, error: Error, times?: number): void;
  /** The next `times` of the command are done, and their answer is lost. */
  loseAnswer(command: keyof NodeContract, times?: number): void;
  /** How often the command was asked for. */
  count(command: keyof NodeContract): number;
}

type Plan = { readonly error: Error; readonly done: boolean; left: number };

export function flakyNode(): FlakyNode {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const plans = new Map<string, Plan>();
  const counts = new Map<string, number>();
  const wrapped = new Proxy(node, {
    get(target, name: keyof TestNode) {
      const command = target[name] as (...args: unknown[]) => unknown;
      return async (...args: unknown[]) => {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        const plan = plans.get(name);
        if (plan === undefined || plan.left === 0) return await command.apply(target, args);
        plan.left--;
        if (plan.done) await command.apply(target, args);
        throw plan.error;
      };
    },
  });
  return {
    ...node,
    ...Object.fromEntries(Object.keys(node).map((name) => [name, wrapped[name as keyof TestNode]])),
    // Not commands: they answer at once.
    onMachineChanged: node.onMachineChanged,
    crash: node.crash,
    shutDownGuest: node.shutDownGuest,
    failTransfer: node.failTransfer,
    damageBlock: node.damageBlock,
    contentOf: node.contentOf,
    refuse: (command, error, times = 1) => plans.set(command, { error, done: false, left: times }),
    loseAnswer: (command, times = 1) =>
      plans.set(command, { error: new Error('the answer was lost'), done: true, left: times }),
    count: (command) => counts.get(command) ?? 0,
  };
}
