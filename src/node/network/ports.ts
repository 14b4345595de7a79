import type { PortRule } from '../contract.ts';

/** One port of the guest, open to this host. */
export interface OpenPort {
  readonly protocol: 'tcp' | 'udp';
  readonly guestPort: number;
}

export interface Forward extends OpenPort {
  readonly hostPort: number;
}

export interface ClosedPort {
  readonly rule: PortRule;
  readonly reason: string;
}

/** Each forward costs QEMU a socket and a command; wider rules are the cloud's to narrow. */
const widestRange = 100;

export function portKey(port: OpenPort): string {
  return `${port.protocol}:${port.guestPort}`;
}

/** Single ports, each once, and the rules that are too wide or no rule at all. */
export function expandRules(rules: readonly PortRule[]): {
  readonly ports: readonly OpenPort[];
  readonly closed: readonly ClosedPort[];
} {
  const ports = new Map<string, OpenPort>();
  const closed: ClosedPort[] = [];
  for (const rule of rules) {
    const width = rule.toPort - rule.fromPort + 1;
    if (rule.fromPort < 1 || rule.toPort > 65_535 || width < 1) {
      closed.push({ rule, reason: `${rule.fromPort} to ${rule.toPort} is no range of ports` });
    } else if (width > widestRange) {
      closed.push({
        rule,
        reason: `${width} ports are more than the ${widestRange} that one rule may forward`,
      });
    } else {
      for (let guestPort = rule.fromPort; guestPort <= rule.toPort; guestPort++) {
        const port = { protocol: rule.protocol, guestPort };
        ports.set(portKey(port), port);
      }
    }
  }
  return { ports: [...ports.values()], closed };
}

/**
 * Host ports to try for a guest's port, in order: its own number where that needs no privilege, then others
 * that no rule speaks of. 22 becomes 10022, or 20022 …
 */
export function hostPortChoices(
  port: OpenPort,
  options: { readonly lowestFreePort: number; readonly wanted: readonly OpenPort[] },
): readonly number[] {
  const taken = new Set(
    options.wanted.filter((other) => other.protocol === port.protocol).map((o) => o.guestPort),
  );
  const own = port.guestPort >= options.lowestFreePort ? [port.guestPort] : [];
  const others = [1, 2, 3, 4, 5, 6]
    .map((step) => (port.guestPort % 10_000) + step * 10_000)
    .filter((choice) => choice <= 65_535 && choice >= options.lowestFreePort && !taken.has(choice));
  return [...own, ...others.filter((choice) => choice !== port.guestPort).slice(0, 2)];
}
