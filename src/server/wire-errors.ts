/** The errors that mean something on the far side of a bus, made again there as what they were. */
import { EbsFault, type EbsFaultCode } from '../ec2/ebs/faults.ts';
import { Ec2Fault } from '../ec2/faults.ts';
import { NodeError, type NodeErrorKind } from '../node/contract.ts';
import type { ErrorClasses } from '../platform/bus/nats.ts';

export const wireErrors: ErrorClasses = {
  NodeError: ({ kind = 'internal', message }) => new NodeError(kind as NodeErrorKind, message),
  EbsFault: ({ code = 'InternalServerException', message, kind }) =>
    new EbsFault(code as EbsFaultCode, message, kind === undefined ? {} : { reason: kind }),
  Ec2Fault: ({ code = 'InternalError', message, status }) =>
    new Ec2Fault(code, message, status === undefined ? {} : { status }),
};
