import Type from 'typebox';

/** The MQTT and HTTP push parts of a device profile: what a message looks like, and which part of it counts. */

const closed = { additionalProperties: false } as const;
const Path = Type.String({
  minLength: 1,
  description: "such as params['temperature:0'].tC or lines[0].in",
});

export const DECODERS = [
  'ruuvi-rawv2',
  'milesight-em300',
  'milesight-vs121',
  'milesight-vs133',
  'dragino-lht65',
] as const;

const Time = Type.Object(
  {
    path: Path,
    format: Type.Enum(['unix-s', 'unix-ms', 'iso', 'pattern'], {
      description:
        'unix times may be numbers or digits in text; iso may lack its offset when a zone is given',
    }),
    pattern: Type.Optional(
      Type.String({
        description: 'for the format pattern: yyyy MM dd HH mm ss and what stands between them',
      }),
    ),
    zone: Type.Optional(
      Type.String({ description: "IANA zone of a time without offset; the store's zone when absent" }),
    ),
    zonePath: Type.Optional(
      Type.String({ description: 'path of a text such as UTC+8:00 that holds the offset instead' }),
    ),
    trust: Type.Optional(
      Type.Enum(['device', 'receipt'], {
        description: 'receipt: the clock of the model is not believed, the time of receipt counts',
      }),
    ),
  },
  closed,
);

const Word = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

/** What a message is once it has arrived, over MQTT or HTTP. */
const messageFields = {
  where: Type.Optional(
    Type.Object(
      { path: Path, equals: Word, or: Type.Optional(Type.Array(Word, { minItems: 1 })) },
      {
        ...closed,
        description: 'only messages that say so; others of the same topic are not for this entry',
      },
    ),
  ),
  decode: Type.Optional(
    Type.Enum([...DECODERS], {
      description: 'built-in decoder of the bytes; its fields are found under the path `decoded.`',
    }),
  ),
  data: Type.Optional(
    Type.Object(
      { path: Path, encoding: Type.Enum(['hex', 'base64']) },
      { ...closed, description: 'where a JSON message holds the bytes to decode' },
    ),
  ),
  records: Type.Optional(
    Type.String({
      description:
        'path of a list; each entry is a message of its own, and a path that begins with $. starts at the top',
    }),
  ),
  time: Type.Optional(Time),
  dedupe: Type.Optional(
    Type.Object(
      {
        paths: Type.Array(Path, { minItems: 1, description: 'fields that together name one message' }),
        windowS: Type.Integer({ minimum: 1, maximum: 604_800, default: 600 }),
      },
      closed,
    ),
  ),
};

const maxBytes = Type.Integer({ minimum: 1, maximum: 1_048_576, default: 65_536 });
const expectEveryS = Type.Optional(
  Type.Integer({ minimum: 1, description: 'silence of three times this long means offline' }),
);

const Topic = Type.String({
  description:
    '{device} stands for the name in the address, {point} for the point key, {gateway} and {any} for any one level',
});

const MqttPayload = Type.Enum(['aisle', 'json', 'hex', 'base64', 'binary', 'sparkplug'], {
  description:
    'aisle: our own payloads; json: points give a path; hex, base64, binary: bytes for `decode`; sparkplug: points give a metric',
});

const MqttMessage = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
    topic: Topic,
    payload: MqttPayload,
    ...messageFields,
  },
  closed,
);

export const Mqtt = Type.Object(
  {
    topic: Topic,
    payload: MqttPayload,
    ...messageFields,
    maxBytes,
    expectEveryS,
    lifecycle: Type.Optional(
      Type.Object(
        { topic: Topic, online: Type.String(), offline: Type.String() },
        { ...closed, description: "the model's own topic for its birth and its last will, as plain text" },
      ),
    ),
    messages: Type.Optional(
      Type.Array(MqttMessage, {
        description: 'further kinds of message; a point names the one that it is found in',
      }),
    ),
    commands: Type.Array(Type.String(), {
      default: [],
      description: 'names of the commands that the device obeys',
    }),
  },
  closed,
);

export const Http = Type.Object(
  {
    path: Type.Optional(
      Type.String({
        pattern: '^/[^\\s?#]*$',
        description:
          'path that the maker fixes, with {device} where its name stands; otherwise /ingest/v1/{device}',
      }),
    ),
    id: Type.Optional(
      Type.Object(
        {
          path: Type.Optional(Path),
          header: Type.Optional(Type.String()),
          query: Type.Optional(Type.String()),
        },
        { ...closed, description: 'where the message names its device, when the path does not' },
      ),
    ),
    payload: Type.Enum(['json', 'form']),
    ...messageFields,
    maxBytes,
    expectEveryS,
  },
  closed,
);
