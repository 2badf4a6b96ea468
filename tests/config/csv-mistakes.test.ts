import { describe, expect, it } from 'vitest';
import { problemsAfter } from './edited-site.ts';

describe('each mistake in items.csv gets one message with its place and its mend', () => {
  it.each([
    ['temperatureClass\n', 'temperatureClas\n', null],
    ['gtin,name', 'gtin;name', null],
    [
      '165,1.99',
      '165,1,99',
      '2:44: this line has 6 fields, the header has 5; put a field that holds a comma in double quotes',
    ],
    [
      '165,1.99,ambient',
      '165,1.99',
      '2:1: this line has 4 fields, the header has 5; write a comma for every empty field too',
    ],
    ['"Peanuts, roasted"', '"Peanuts, roasted', null],
    ['9521321001039,G', '9521321001038,G', null],
    ['9521321001039,G', '9521321001022,G', null],
    ['Salted crisps 150 g', '', '2:15: name is empty; write the name that a label shows'],
    [
      '165,',
      '-165,',
      '2:35: unitWeightGrams is -165, out of range; write a number above 0 and up to 50000, with a point for decimals',
    ],
    [
      '165,',
      '165g,',
      '2:35: unitWeightGrams is "165g", not a number; write a number above 0 and up to 50000, with a point for decimals',
    ],
    ['165,1.99', '165,-1.99', '2:39: price -1.99 is negative; write 0 or more, like 1.99'],
    [
      '165,1.99',
      '165,1.995',
      '2:39: price 1.995 has more decimals than EUR, which has 2; write it like 1.99',
    ],
    [
      '165,1.99',
      '165,€1.99',
      '2:39: price is "€1.99", not a price; write it like 1.99, without a currency sign',
    ],
    ['165,1.99', '165,', '2:39: price is empty; write it like 1.99, without a currency sign'],
    ['2.5,ambient', '2.5,ambiant', '4:34: temperatureClass is "ambiant"; did you mean ambient?'],
    ['165,', ',', null],
  ])('%s -> %s', (from, to, message) => {
    const problems = problemsAfter('items.csv', from, to);
    if (message === null) expect(problems.length).toBeGreaterThan(0);
    else expect(problems).toEqual([message]);
  });

  it('names the digit that a GTIN should end with, and the line that has it already', () => {
    expect(problemsAfter('items.csv', '9521321001039,G', '9521321001038,G')[0]).toBe(
      '4:1: "9521321001038" is not a GTIN; its last digit should be 9 if the others are right',
    );
    expect(problemsAfter('items.csv', '9521321001039,G', '9521321001022,G')[0]).toBe(
      '4:1: GTIN 9521321001022 already stands on line 3; keep one line per item',
    );
    expect(problemsAfter('items.csv', '9521321001039,G', '9.52E+12,G')[0]).toMatch(
      /format the column as text/,
    );
  });

  it('reads the same GTIN in 13 and in 14 digits as one item', () => {
    expect(problemsAfter('items.csv', '9521321001039,G', '09521321001022,G')[0]).toMatch(
      /already stands on line 3/,
    );
  });

  it('explains a header that does not fit', () => {
    expect(problemsAfter('items.csv', 'temperatureClass\n', 'temperatureClas\n')).toEqual([
      '1:1: column temperatureClass is missing; add temperatureClass to this line',
      '1:33: unknown column "temperatureClas"; did you mean temperatureClass?',
    ]);
    expect(
      problemsAfter('items.csv', 'gtin,name,unitWeightGrams,price,temperatureClass', 'gtin;name;price'),
    ).toEqual(['1:1: the fields are not separated by commas; save the file with commas between fields']);
  });
});

describe('each mistake in planogram.csv gets one message with its place and its mend', () => {
  it.each([
    ['A1-2,A', 'A1-1,A', '3:1: facing A1-1 is already used on line 2; give each facing its own id'],
    ['A1-2,A', 'A1 2,A', '3:1: facing is "A1 2"; write letters, digits, hyphens, such as A1-3'],
    ['A1-2,A,1,2', 'A1-2,,1,2', "3:6: fixture is empty; write the fixture's name"],
    [
      'A1-2,A,1,2',
      'A1-2,A,1,1',
      '3:10: fixture A, shelf 1, position 1 is already used on line 2; give each facing of a shelf its own position',
    ],
    [
      'A1-2,A,1,2',
      'A1-2,A,1,left',
      '3:10: position is "left", not a whole number; write a whole number from 1 to 999',
    ],
    [
      '9521321001022',
      '9521321001046',
      '3:12: no item has the GTIN 9521321001046; add it to items.csv, or correct it',
    ],
    ['12,3,shelf', '0,0,shelf', '2:26: capacity is 0, out of range; write a whole number from 1 to 10000'],
    ['12,3,shelf', '12,13,shelf', '2:29: minimum 13 is above the capacity 12; write 0 to 12'],
    ['12,3,shelf', '12,,shelf', '2:29: minimum is empty; write a whole number from 0 to 10000'],
    ['shelf-1:2', 'shelf-2:2', null],
    [
      'shelf-1:2',
      'shelf-1:0',
      '2:41: "shelf-1:0" is not a plate; write device:number with a blank between plates, such as shelf-a1:1 shelf-a1:2',
    ],
    [
      'shelf-1:2',
      'case-1:2',
      '2:41: device case-1 is a refrigeration, not a shelf; name a shelf device here',
    ],
    [
      'shelf-1:3',
      'shelf-1:2',
      '3:31: plate shelf-1:2 is already used on line 2; a plate belongs to one facing, or write shelf-1:2+ on the lines of all items that share it',
    ],
    [
      'shelf-1:3',
      'shelf-1:2+',
      '3:31: plate shelf-1:2 is already used on line 2; a plate belongs to one facing, or write shelf-1:2+ on the lines of all items that share it',
    ],
    [
      'shelf-1:3',
      'shelf-1:3+ shelf-1:4',
      '3:31: plate shelf-1:4 stands beside a shared one without a +; facings that share plates must list exactly the same plates, each with a +',
    ],
    [',label-1', ',label-2', '2:51: no device has the id "label-2"; did you mean label-1?'],
    [',label-1', ',door', '2:51: device door is a footfall, not a label; name a label device here'],
    [
      'shelf-1:3,',
      'shelf-1:3,label-1',
      '3:41: label label-1 is already used on line 2; a label shows one facing',
    ],
    [
      '40,8,,',
      '40,8,shelf-1:4,',
      '4:31: the item 9521321001039 has plates but no unit weight; write unitWeightGrams in items.csv, or leave plates empty',
    ],
  ])('%s -> %s', (from, to, message) => {
    const problems = problemsAfter('planogram.csv', from, to);
    if (message === null) expect(problems.length).toBeGreaterThan(0);
    else expect(problems).toEqual([message]);
  });
});
