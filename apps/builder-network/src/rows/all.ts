import type { BatchMaker } from './batch.ts'
import {
  chainFollowers,
  chainPostComments,
  chainPosts,
  chainPostVotes,
  chainProjects,
  chains,
} from './chains.ts'
import { introRequests, investorRequests } from './investors.ts'
import { messages, notifications } from './messages.ts'
import { badges, comments, projects, upvotes } from './projects.ts'
import { feedback, reports } from './reports.ts'
import { users } from './users.ts'

/** Every table, after those that it refers to. */
export const TABLES: readonly BatchMaker[] = [
  users,
  projects,
  upvotes,
  comments,
  badges,
  messages,
  notifications,
  chains,
  chainFollowers,
  chainProjects,
  chainPosts,
  chainPostVotes,
  chainPostComments,
  investorRequests,
  introRequests,
  reports,
  feedback,
]
