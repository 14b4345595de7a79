/** Who may do what: each role may all that those before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;

export type Role = (typeof roles)[number];

/** Whose request it is. */
export interface Caller {
  /** Of the token; `home` for that of the home itself. */
  readonly name: string;
  readonly role: Role;
}

export function mayActAs(caller: Caller, needed: Role): boolean {
  return roles.indexOf(caller.role) >= roles.indexOf(needed);
}
