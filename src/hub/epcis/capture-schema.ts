import { type Static, Type } from 'typebox';
import { limits } from '../../shared/limits.ts';
import { ACTIONS, BIZ_STEPS, bareWord, DISPOSITIONS, EVENT_TYPES, type EventType } from './vocabulary.ts';

/**
 * EPCIS documents that the hub takes (EPCIS 2.0, section 10; the shapes are those of the standard's JSON schema). Descriptions
 * complete "it must be ...".
 */

const uri = (what: string) =>
  Type.String({
    pattern: '^[A-Za-z][A-Za-z0-9+.-]*:\\S+$',
    maxLength: 500,
    description: `${what}, as a URI`,
  });
const time = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$',
  description: 'a time with its offset, such as 2026-01-15T08:31:02.120Z',
});
const list = <T extends Type.TSchema>(item: T, what: string) =>
  Type.Array(item, { maxItems: 10_000, description: `a list of ${what}` });
const word = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'a word of the CBV, or a URI of your own',
});

const quantity = Type.Object(
  {
    epcClass: uri('an item'),
    quantity: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'a number above 0' })),
    uom: Type.Optional(
      Type.String({ pattern: '^[A-Z0-9]{2,3}$', description: 'a unit of UN/ECE Rec 20, such as KGM' }),
    ),
  },
  { additionalProperties: false, description: 'an item with its quantity' },
);
const place = Type.Object({ id: uri('a place') }, { description: 'a place with its id' });
const typed = (field: string) =>
  Type.Object(
    { [field]: uri(`a ${field}`), type: Type.Optional(word) },
    { required: [field], additionalProperties: false, description: `a ${field} with its type` },
  );

const EVENT_FIELDS = {
  type: Type.Enum([...EVENT_TYPES], { description: `one of ${EVENT_TYPES.join(', ')}` }),
  eventID: Type.Optional(uri('a name that no other event has')),
  eventTime: time,
  eventTimeZoneOffset: Type.String({
    pattern: '^[+-](0\\d|1[0-3]):[0-5]\\d$|^[+-]14:00$',
    description: 'the offset of the wall clock from UTC, such as +02:00',
  }),
  recordTime: Type.Optional(time),
  certificationInfo: Type.Optional(Type.Unknown()),
  errorDeclaration: Type.Optional(
    Type.Object(
      {
        declarationTime: time,
        reason: Type.Optional(word),
        correctiveEventIDs: Type.Optional(list(uri('an event'), 'events')),
      },
      { description: 'when and why the event was declared wrong' },
    ),
  ),
  action: Type.Optional(Type.Enum([...ACTIONS], { description: `one of ${ACTIONS.join(', ')}` })),
  bizStep: Type.Optional(word),
  disposition: Type.Optional(word),
  persistentDisposition: Type.Optional(
    Type.Object({ set: Type.Optional(list(word, 'words')), unset: Type.Optional(list(word, 'words')) }),
  ),
  readPoint: Type.Optional(place),
  bizLocation: Type.Optional(place),
  epcList: Type.Optional(list(uri('a unit'), 'units')),
  quantityList: Type.Optional(list(quantity, 'quantities')),
  parentID: Type.Optional(uri('what holds the others')),
  childEPCs: Type.Optional(list(uri('a unit'), 'units')),
  childQuantityList: Type.Optional(list(quantity, 'quantities')),
  inputEPCList: Type.Optional(list(uri('a unit'), 'units')),
  inputQuantityList: Type.Optional(list(quantity, 'quantities')),
  outputEPCList: Type.Optional(list(uri('a unit'), 'units')),
  outputQuantityList: Type.Optional(list(quantity, 'quantities')),
  transformationID: Type.Optional(uri('a transformation')),
  bizTransactionList: Type.Optional(list(typed('bizTransaction'), 'business transactions')),
  sourceList: Type.Optional(list(typed('source'), 'sources')),
  destinationList: Type.Optional(list(typed('destination'), 'destinations')),
  sensorElementList: Type.Optional(list(Type.Object({}), 'sensor elements')),
  ilmd: Type.Optional(Type.Object({}, { description: 'data of instances and lots' })),
  '@context': Type.Optional(Type.Unknown()),
};

export const EventDocument = Type.Object(EVENT_FIELDS, { description: 'an EPCIS event' });
export type EventDocument = Static<typeof EventDocument>;

const body = Type.Object(
  {
    eventList: Type.Array(EventDocument, {
      minItems: 1,
      maxItems: limits.epcisCaptureEvents,
      description: `a list of 1 to ${limits.epcisCaptureEvents} events`,
    }),
  },
  { additionalProperties: false, description: 'an object with eventList' },
);

/** Master data in an `epcisHeader` is not kept, so a document with one is refused rather than half taken. */
export const CaptureDocument = Type.Object(
  {
    '@context': Type.Unknown({ description: "the standard's context, or a list with it and your own" }),
    id: Type.Optional(Type.String({ description: 'a name' })),
    type: Type.Literal('EPCISDocument', { description: 'EPCISDocument' }),
    schemaVersion: Type.String({ pattern: '^2\\.0(\\.\\d+)?$', description: '2.0' }),
    creationDate: time,
    sender: Type.Optional(Type.Unknown()),
    receiver: Type.Optional(Type.Unknown()),
    instanceIdentifier: Type.Optional(Type.Unknown()),
    epcisBody: body,
  },
  { additionalProperties: false },
);
export type CaptureDocument = Static<typeof CaptureDocument>;

const filled = (event: EventDocument, ...fields: (keyof EventDocument)[]) =>
  fields.some(field => {
    const value = event[field];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });

/** What each type of event must have beside its form: EPCIS 2.0, sections 7.4.2 to 7.4.6. Each line is a condition and what is missing. */
const MUST_HAVE: Readonly<Record<EventType, (event: EventDocument) => string | null>> = {
  ObjectEvent: event =>
    filled(event, 'epcList', 'quantityList') ||
    (filled(event, 'sensorElementList') && filled(event, 'readPoint'))
      ? needsAction(event)
      : 'names nothing; give epcList or quantityList',
  AggregationEvent: event =>
    filled(event, 'parentID') || event.action === 'OBSERVE'
      ? needsAction(event)
      : 'has no parentID; give what holds the others',
  TransactionEvent: event =>
    filled(event, 'bizTransactionList')
      ? needsAction(event)
      : 'has no bizTransactionList; give at least one business transaction',
  TransformationEvent: event =>
    filled(event, 'transformationID') ||
    (filled(event, 'inputEPCList', 'inputQuantityList') &&
      filled(event, 'outputEPCList', 'outputQuantityList'))
      ? null
      : 'has no inputs and outputs; give both, or a transformationID',
  AssociationEvent: event =>
    filled(event, 'parentID') ? needsAction(event) : 'has no parentID; give what the others belong to',
};

const needsAction = ({ action }: EventDocument) =>
  action === undefined ? `has no action; give one of ${ACTIONS.join(', ')}` : null;

/** What is wrong with an event that has the right form, in one sentence; null when nothing is. */
export function faultOf(event: EventDocument): string | null {
  const stranger = Object.keys(event).find(name => !(name in EVENT_FIELDS) && !name.includes(':'));
  if (stranger !== undefined) {
    return `has the field "${stranger}", which EPCIS does not know; give names of your own a prefix of @context`;
  }
  if (Number.isNaN(Date.parse(event.eventTime))) return `eventTime ${event.eventTime} is in no calendar`;
  return (
    unknownWord(event, 'bizStep', BIZ_STEPS) ??
    unknownWord(event, 'disposition', DISPOSITIONS) ??
    MUST_HAVE[event.type](event)
  );
}

function unknownWord(
  event: EventDocument,
  field: 'bizStep' | 'disposition',
  known: ReadonlySet<string>,
): string | null {
  const text = event[field];
  if (text === undefined) return null;
  const bare = bareWord(field, text);
  if (bare.includes(':') || known.has(bare)) return null;
  return `${field} "${text.slice(0, 40)}" is no word of the CBV; write one of ${[...known].join(', ')}, or a URI of your own`;
}
