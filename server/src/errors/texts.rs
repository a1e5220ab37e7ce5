//! What a rider or a clerk reads when a call was turned down, in Japanese.
//!
//! Written for people who are not used to machines: polite, short, and always with what to do next.

use mukae_proto::transit::units::v1::ErrorReason;

/// `None` for what only a programmer or a driver's device meets.
pub(super) fn japanese(reason: ErrorReason) -> Option<&'static str> {
    use ErrorReason as R;
    Some(match reason {
        R::OfferExpired => "ご案内した内容の有効時間が過ぎました。お手数ですが、もう一度お調べください。",
        R::HoldTooLong => "これ以上長くお取り置きできません。ご予約になさるか、もう一度お調べください。",
        R::NotHeld => "お取り置きの時間が過ぎました。お手数ですが、もう一度お調べください。",
        R::OfferUsed => "このご案内は、すでに予約が済んでいます。予約の一覧をご確認ください。",
        R::PlanChanged => {
            "ほかの方のご予約が先に入り、ご案内した時刻ではお迎えにうかがえなくなりました。新しいご案内をご確認ください。"
        }
        R::WrongBookingState => {
            "このご予約は、いまの状態では変更やお取り消しができません。お困りのときは窓口へお電話ください。"
        }
        R::EtagMismatch => "ご予約の内容が変わっています。最新の内容をご確認のうえ、もう一度お試しください。",
        R::ResourceNotFound => "お探しの内容が見つかりませんでした。番号をもう一度ご確認ください。",
        R::Overloaded => "ただいま混み合っています。少し待ってから、もう一度お試しください。",
        R::NotReady => "ただいま準備中です。少し待ってから、もう一度お試しください。",
        R::AreaUnavailable => "この地域の受付システムが一時的に止まっています。お急ぎのときは窓口へお電話ください。",
        R::DeadlinePassed => "時間内に処理を終えられませんでした。予約の一覧をご確認のうえ、もう一度お試しください。",
        R::PeopleStoreFailed => "利用者の情報を保存できませんでした。窓口へお知らせください。",
        R::NotAllowed => "この操作はできません。窓口へお問い合わせください。",
        R::NoShowTooEarly => "お客さまをまだお待ちする時間です。もうしばらくお待ちください。",
        R::MoveRefused => "その車には、その順番でお乗せできません。理由をご確認のうえ、別の車か順番をお選びください。",
        _ => return None,
    })
}
