import { networkInterfaces } from 'node:os';

/** The IPv4 addresses of this host: what a person means by "my address" in a rule. Loopback is among them. */
export function hostAddresses(): readonly string[] {
  const faces = Object.values(networkInterfaces()).flatMap((face) => face ?? []);
  return [
    ...new Set(['127.0.0.1', ...faces.filter((face) => face.family === 'IPv4').map((face) => face.address)]),
  ];
}
