"""The four statements that the source guides print, unchanged."""

from functools import partial

from services.sql.query import GENERATION, Group, NamedQuery

_query = partial(NamedQuery, Group.GUIDES)
_PRINTED = "'gen_xyz'"

GUIDE_QUERIES = (
    _query(
        "recent_mascots",
        "Recent mascots",
        "Which ten mascots are the newest, and which of their pictures exist?",
        """\
SELECT id, name, status, "fullBodyImageUrl", "avatarImageUrl", "batchId", "createdAt"
FROM mascots
ORDER BY "createdAt" DESC
LIMIT 10;""",
    ),
    _query(
        "mascots_without_pictures",
        "Mascots without pictures",
        "Which mascots have neither a full body nor an avatar, and have not failed?",
        """\
SELECT id, name, status, "batchId"
FROM mascots
WHERE "fullBodyImageUrl" IS NULL 
  AND "avatarImageUrl" IS NULL
  AND status != 'FAILED'
ORDER BY "createdAt" DESC;""",
    ),
    _query(
        "generation_status",
        "Status of a pose generation",
        "What is a pose generation's status, and what was charged and refunded?",
        """\
   SELECT id, status, creditCharged, creditRefunded, posesFailed
   FROM pose_generations
   WHERE id = 'gen_xyz';""",
        (GENERATION,),
        printed=_PRINTED,
    ),
    _query(
        "refund_records",
        "Refunds of a generation",
        "Which credits were refunded for a generation?",
        """\
   SELECT *
   FROM credits
   WHERE referenceId = 'gen_xyz' AND type = 'refund';""",
        (GENERATION,),
        printed=_PRINTED,
    ),
)
