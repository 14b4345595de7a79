/** What the gateway hands to an operation, and how operations are typed from the official SDK. */
import type * as Sdk from '@aws-sdk/client-ec2';
import type { AccountId } from '../platform/ids.ts';

export interface Caller {
  readonly accountId: AccountId;
  readonly accessKeyId: string;
  /** From the signature's credential scope. */
  readonly region: string;
  readonly requestId: string;
}

/** Every action of the EC2 model: 'CreateImage', … */
export type ActionName = {
  [K in keyof typeof Sdk]: K extends `${infer Action}Command` ? Action : never;
}[keyof typeof Sdk];

type CommandOf<A extends ActionName> = `${A}Command` extends keyof typeof Sdk
  ? (typeof Sdk)[`${A}Command`] extends new (
      ...args: never[]
    ) => infer C
    ? C
    : never
  : never;

export type InputOf<A extends ActionName> = CommandOf<A> extends { readonly input: infer I } ? I : never;
export type OutputOf<A extends ActionName> =
  CommandOf<A> extends {
    resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: infer O }>;
  }
    ? Omit<O, '$metadata'>
    : never;

export type Operation<A extends ActionName> = (input: InputOf<A>, caller: Caller) => Promise<OutputOf<A>>;

/** The operations a cloud serves; what is absent is answered as a real but unserved EC2 action. */
export type Operations = { readonly [A in ActionName]?: Operation<A> };

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly accountId: AccountId;
  readonly userName: string;
}

export type KeyLookup = (accessKeyId: string) => Promise<AccessKey | undefined>;
