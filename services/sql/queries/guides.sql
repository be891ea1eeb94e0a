-- id: recent_mascots
-- title: Recent mascots
-- question: Which ten mascots are the newest, and which of their pictures exist?
SELECT id, name, status, "fullBodyImageUrl", "avatarImageUrl", "batchId", "createdAt"
FROM mascots
ORDER BY "createdAt" DESC
LIMIT 10;

-- id: mascots_without_pictures
-- title: Mascots without pictures
-- question: Which mascots have neither a full body nor an avatar, and have not failed?
SELECT id, name, status, "batchId"
FROM mascots
WHERE "fullBodyImageUrl" IS NULL 
  AND "avatarImageUrl" IS NULL
  AND status != 'FAILED'
ORDER BY "createdAt" DESC;

-- id: generation_status
-- title: Status of a pose generation
-- question: What is a pose generation's status, and what was charged and refunded?
-- parameters: generation
   SELECT id, status, creditCharged, creditRefunded, posesFailed
   FROM pose_generations
   WHERE id = 'gen_xyz';

-- id: refund_records
-- title: Refunds of a generation
-- question: Which credits were refunded for a generation?
-- parameters: generation
   SELECT *
   FROM credits
   WHERE referenceId = 'gen_xyz' AND type = 'refund';
