//! A few attachments: what the villager of the matter under way sent in today, drawn, so that nobody's wall is shown.

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

use super::random::Random;
use crate::chain::Actor;
use crate::files::{self, Files, Part};
use crate::petitions;
use crate::web::App;

/// Supplements the newest matter that is being handled with two drawn pictures and a paper.
pub(super) async fn supplement(app: &App, seed: u64) -> anyhow::Result<()> {
    let mut random = Random::of(seed, "files");
    let sent = vec![
        ("现场照片1（演示）.jpg".to_owned(), wall(&mut random)?),
        ("现场照片2（演示）.jpg".to_owned(), wall(&mut random)?),
        ("情况说明（演示）.pdf".to_owned(), PAPER.as_bytes().to_vec()),
    ];
    let mut read = app.db.read().await?;
    let newest: Option<(i64,)> = sqlx::query_as(
        "SELECT id FROM petition WHERE state = 'accepted' AND anonymous = 0 AND registered_by IS NULL
          ORDER BY id DESC LIMIT 1",
    )
    .fetch_optional(&mut *read)
    .await?;
    drop(read);
    let Some((petition,)) = newest else { return Ok(()) };
    let refused = |what: &dyn std::fmt::Debug| anyhow::anyhow!("附件没有收下：{what:?}");
    let received = files::receive(app, Files::from(sent), None).await.map_err(|refusal| refused(&refusal))?;
    anyhow::ensure!(received.refused.is_empty(), refused(&received.refused));
    let mut write = app.db.write().await?;
    let said = "今天又去看了，拍了两张照片，情况写在说明里。";
    let told = petitions::supplement(&mut write, app, petition, Actor::NOBODY, said).await;
    told.map_err(|hindered| refused(&hindered))?;
    let whose = (Part::Supplement, true);
    let claimed = files::claim(&mut write, app, Actor::NOBODY, petition, whose, &received.waiting).await;
    claimed.map_err(|refusal| refused(&refusal))?;
    write.commit().await?;
    Ok(())
}

/// Bricks with a crack from top to bottom.
fn wall(random: &mut Random) -> anyhow::Result<Vec<u8>> {
    let (width, height) = (640, 480);
    let mut picture = RgbImage::from_fn(width, height, |x, y| {
        let row = y / 40;
        let shifted = x + if row % 2 == 0 { 0 } else { 40 };
        if y % 40 < 3 || shifted % 80 < 3 {
            Rgb([196, 190, 178])
        } else {
            let shade = u8::try_from((row * 7 + shifted / 80 * 13) % 24).unwrap_or_default();
            Rgb([172 - shade, 98 - shade / 2, 74])
        }
    });
    let mut at = random.within(180, 460);
    for y in 0..height {
        at = (at + random.within(-3, 3)).clamp(10, i64::from(width) - 10);
        let half = random.within(1, 2 + i64::from(y) / 120);
        for x in at - half..=at + half {
            picture.put_pixel(u32::try_from(x)?, y, Rgb([38, 32, 30]));
        }
    }
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 82).encode_image(&picture)?;
    Ok(out)
}

/// A PDF of one page with one line.
const PAPER: &str = "%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 52>>stream
BT /F1 18 Tf 72 760 Td (Invented for the demo.) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
startxref
0
%%EOF
";
