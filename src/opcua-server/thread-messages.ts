/** What the gateway and the thread of the OPC UA server say to each other. Plain data, copied between them. */

export type NodeType = 'Int32' | 'Double' | 'Boolean' | 'String';

/** One node below the store's object: a folder when it has no type. */
export interface NodeSpec {
  /** Text of the string node id, unique within the store. */
  readonly id: string;
  /** Id of the node that it is part of; null for the store's object itself. */
  readonly parent: string | null;
  readonly name: string;
  readonly type?: NodeType;
  readonly about?: string;
}

/** OPC UA status names that we use (OPC 10000-4, 7.39). */
export type Status =
  | 'Good'
  | 'UncertainLastUsableValue'
  | 'UncertainEngineeringUnitsExceeded'
  | 'BadNoCommunication'
  | 'BadSensorFailure'
  | 'BadOutOfRange'
  | 'BadWaitingForInitialData';

export interface NodeValue {
  readonly id: string;
  readonly value: number | boolean | string | null;
  readonly status: Status;
  /** When it was measured or changed, Unix ms; null when that is not known. */
  readonly timeMs: number | null;
}

export interface ServerSettings {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly security: 'none' | 'sign' | 'sign-and-encrypt';
  /** Only this user may read; null lets everybody in. */
  readonly user: { readonly name: string; readonly password: string } | null;
  readonly pkiFolder: string;
  readonly namespace: string;
  readonly storeName: string;
  readonly maxSessions: number;
  readonly version: string;
}

export interface ThreadData {
  readonly settings: ServerSettings;
  readonly nodes: readonly NodeSpec[];
}

export type ToThread =
  | { readonly kind: 'values'; readonly values: readonly NodeValue[] }
  | { readonly kind: 'stop' };

export type FromThread =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly reason: string };
