import type { Action } from '../action.ts'
import { awardBadge, takeBadgeBack } from './badges.ts'
import { addToChain, beginChain, followChain, takeFromChain, unfollowChain } from './chains.ts'
import { deleteComment, postComment } from './comments.ts'
import { commentPost, takePostVoteBack, votePost, writePost } from './forum.ts'
import { changeProject, deleteProject, postProject, restoreProject } from './projects.ts'
import { OWN_ACTIONS } from './own.ts'
import { report } from './reports.ts'
import { takeVoteBack, vote } from './votes.ts'

/** Everything that people do by the application's pages. */
export const ACTIONS: readonly Action[] = [
  postProject,
  changeProject,
  deleteProject,
  restoreProject,
  vote,
  takeVoteBack,
  postComment,
  deleteComment,
  awardBadge,
  takeBadgeBack,
  beginChain,
  followChain,
  unfollowChain,
  addToChain,
  takeFromChain,
  writePost,
  votePost,
  takePostVoteBack,
  commentPost,
  report,
  ...OWN_ACTIONS,
]
