/** What is asked of a board: `$1` is a random id, `$2` a random number of rows to skip, `$3` a country. */
export const QUESTIONS: readonly { readonly name: string; readonly statement: string }[] = [
  { name: 'top 10', statement: 'select * from board_top(10)' },
  { name: 'page at a random rank', statement: 'select * from board_top(10, $2)' },
  { name: 'rank', statement: 'select board_rank($1)' },
  { name: 'rank, shared', statement: 'select board_rank($1, true)' },
  { name: 'around, 5 each way', statement: 'select * from board_around($1, 5)' },
  { name: 'percentile', statement: 'select board_percentile($1)' },
  { name: 'top 10 in a country', statement: 'select * from board_top_in_country($3, 10)' },
  { name: 'rank in the country', statement: 'select board_rank_in_country($1)' },
  {
    name: 'among 100',
    statement:
      'select * from board_among(array(select i * 97 % ($2 + 1) + 1 from generate_series(1::bigint, 100) i))',
  },
]
