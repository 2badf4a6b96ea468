/** The site as rows, written at each start, so that queries can join names and places to what the log says. */
export interface Reference {
  readonly safetyStock: number;
  readonly currency: string;
  readonly items: readonly {
    readonly gtin: string;
    readonly name: string;
    readonly temperatureClass: string;
    readonly priceMinor: number;
    /** What a piece weighs as a rule, of an item that is sold by weight; null or left out otherwise. */
    readonly pieceGrams?: number | null;
  }[];
  readonly facings: readonly {
    readonly facing: string;
    readonly fixture: string;
    readonly shelf: string;
    readonly position: number;
    readonly gtin: string;
    readonly capacity: number;
    readonly minimum: number;
    /** Device of its weight plates; null when it has none. */
    readonly device: string | null;
    readonly label: string | null;
  }[];
  readonly devices: readonly {
    readonly device: string;
    readonly profile: string;
    readonly model: string;
    readonly kind: string;
    readonly protocol: string;
    readonly boundTo: string;
  }[];
  readonly coldUnits: readonly {
    readonly unit: string;
    readonly device: string;
    readonly temperatureClass: string;
    readonly minCelsius: number;
    readonly maxCelsius: number;
  }[];
}
