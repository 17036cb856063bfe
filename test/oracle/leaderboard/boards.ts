import type { TestModel } from '../../support/models.ts'

export const SCHEMA = `
  create type mood as enum ('calm', 'wild', 'odd');
  create table players (
    id int primary key,
    country text,
    league int not null,
    joined timestamptz,
    rating float8,
    nick text collate "C",
    weight numeric,
    temper mood
  );
  create table scores (
    player_id int not null,
    day date,
    points int
  );
  create index on scores (player_id);`

export type Board = TestModel & Required<Pick<TestModel, 'leaderboard'>>

/** Leaves of two to four rows: trees of many levels, and splits and merges at every turn. */
export const BOARDS: readonly Board[] = [
  {
    name: 'builders',
    key: 'id',
    query: `select p.id, p.country, p.league, p.joined,
              (select sum(s.points) from scores s where s.player_id = p.id) as points
            from players p`,
    leaderboard: {
      score: 'points desc',
      ties: ['joined', 'id'],
      within: [['country'], ['country', 'league']],
      bucket: 3,
    },
  },
  {
    // Everything about this order is odd: NaN and infinities, three directions, nulls among the ties.
    name: 'ratings',
    key: 'id',
    query: `select id, league, rating, joined, weight, temper from players`,
    leaderboard: {
      score: 'rating',
      ties: ['joined desc', 'weight', 'temper desc'],
      within: [['league']],
      bucket: 2,
    },
  },
  {
    name: 'nicks',
    key: 'id',
    query: `select id, nick, weight, country from players where league < 3`,
    leaderboard: { score: 'nick desc', ties: ['weight desc', 'id desc'], within: [['weight']], bucket: 4 },
  },
  {
    // Its key is of two columns, of which one may be null.
    name: 'days',
    key: ['player_id', 'day'],
    query: `select player_id, day, count(*) as games, sum(points) as points
            from scores group by player_id, day`,
    leaderboard: { score: 'games desc', ties: ['points desc'], within: [['day'], ['player_id']], bucket: 2 },
  },
  {
    name: 'tempers',
    key: 'id',
    query: `select id, temper, league from players`,
    leaderboard: { score: 'temper', ties: [], within: [['temper']], bucket: 4 },
  },
]
