/** Words of GS1's Core Business Vocabulary (CBV 2.0, sections 7.1 and 7.2) as EPCIS in JSON writes them: bare. */

export const EVENT_TYPES = [
  'ObjectEvent',
  'AggregationEvent',
  'TransactionEvent',
  'TransformationEvent',
  'AssociationEvent',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const ACTIONS = ['OBSERVE', 'ADD', 'DELETE'] as const;

const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/));

export const BIZ_STEPS = words(`
  accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting decommissioning
  departing destroying disassembling dispensing encoding entering_exiting holding inspecting installing killing loading other
  packing picking receiving removing repackaging repairing replacing reserving retail_selling sampling sensor_reporting
  shipping staging_outbound stock_taking stocking storing transporting unloading unpacking void_shipping`);

export const DISPOSITIONS = words(`
  active available completeness_inferred completeness_verified conformant container_closed container_open damaged destroyed
  dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity
  needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved retail_sold
  returned sellable_accessible sellable_not_accessible stolen unavailable unknown`);

const CBV_URN = { bizStep: 'urn:epcglobal:cbv:bizstep:', disposition: 'urn:epcglobal:cbv:disp:' } as const;
const CBV_WEB = {
  bizStep: 'https://ref.gs1.org/cbv/BizStep-',
  disposition: 'https://ref.gs1.org/cbv/Disp-',
} as const;

/** A business step or disposition in its bare form, from any of the three forms of the standard; others stay as they are. */
export function bareWord(field: 'bizStep' | 'disposition', text: string): string {
  for (const prefix of [CBV_URN[field], CBV_WEB[field]]) {
    if (text.startsWith(prefix)) return text.slice(prefix.length);
  }
  return text;
}

/** The full address of a bare word, as the event hash wants it. */
export const webWord = (field: 'bizStep' | 'disposition', word: string): string => `${CBV_WEB[field]}${word}`;

/** The context that every EPCIS document of ours begins with. */
export const GS1_CONTEXT = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld';
/** Names of ours inside EPCIS events begin with `aisle:`, which stands for this. */
export const AISLE_NAMESPACE = 'urn:aisle:epcis:';
